/** Where the page begins. */
import '@mantine/core/styles.css';
import './ui/page.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { styleNonce } from './ui/nonce.js';

// Scroll locks insert a style element of their own, and ask for the nonce here.
Object.assign(globalThis, { __webpack_nonce__: styleNonce() });

// Another version is served now, and the part of this one that is asked for is gone.
window.addEventListener('vite:preloadError', () => window.location.reload());

// Asked for with the first request, not after its answer: who is signed in sees the shell.
if (window.location.pathname !== '/sign-in') void import('./shell/shell.js').catch(() => undefined);

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
