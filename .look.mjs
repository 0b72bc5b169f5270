import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
const home = readFileSync('/tmp/fwdash.home','utf8').trim();
const token = readFileSync(home+'/admin-token','utf8').trim();
const base='http://127.0.0.1:24310';
const [,, ...args]=process.argv; // name path scheme width height full
const b = await chromium.launch({ executablePath:'/usr/bin/chromium', headless:true, args:['--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync']});
for (const spec of args) {
  const [name, path, scheme='light', w='1280', h='900', full='1']=spec.split('|');
  const c = await b.newContext({ viewport:{width:+w,height:+h}, colorScheme:scheme, extraHTTPHeaders:{authorization:`Bearer ${token}`}});
  const p = await c.newPage();
  await p.route('**/api/me', r=>r.fulfill({json:{role:'admin',creatorId:null,memberId:null,actor:'admin',expiresAt:null,by:'session'}}));
  p.on('console', m=>{ if(m.type()!=='log') console.log(name,'console',m.type(),m.text().slice(0,400));});
  p.on('pageerror', e=>console.log(name,'pageerror',e.message.slice(0,600)));
  p.on('requestfailed', r=>{ if(!r.url().includes('/api/live')) console.log(name,'failed',r.url(), r.failure()?.errorText);});
  p.on('response', r=>{ if(r.status()>=400) console.log(name,r.status(),r.url());});
  const t=Date.now();
  await p.goto(base+path); await p.waitForTimeout(2500);
  console.log(name,'title',await p.title(), Date.now()-t);
  await p.screenshot({path:`/tmp/fwshots/${name}.png`, fullPage: full==='1'});
  await c.close();
}
await b.close();
