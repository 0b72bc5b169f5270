document.title = 'tested';
