// Checks the site that `pnpm run docs` made: that each link within it leads somewhere, and in a browser that pages fit
// narrow and wide windows, that nothing comes from elsewhere, and that the search finds names and guides.
//   node scripts/docs-check.mjs [FOLDER]      writes what the browser shows into FOLDER
// CHROMIUM=FILE is the browser if it is not /usr/bin/chromium (of the Debian package `chromium`).
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const site = fileURLToPath(new URL('../site', import.meta.url));
const screenshots = process.argv[2];
const problems = [];
const pages = readdirSync(site, { recursive: true }).filter((file) => file.endsWith('.html'));
const textOf = new Map(pages.map((page) => [join(site, page), readFileSync(join(site, page), 'utf8')]));
const anchorsOf = new Map();

function anchors(file) {
  if (!anchorsOf.has(file)) {
    anchorsOf.set(file, new Set(Array.from(textOf.get(file).matchAll(/ id="([^"]*)"/g), ([, id]) => id)));
  }
  return anchorsOf.get(file);
}

/** What is wrong with a link of a page; nothing of those that leave the site. */
function problemOf(link, file) {
  if (/^(https?|mailto):/.test(link)) return undefined;
  const [path, anchor] = link.split('#').map(decodeURIComponent);
  const target = path === '' ? file : resolve(dirname(file), path);
  if (relative(site, target).startsWith('..')) return 'leaves the site';
  if (!statSync(target, { throwIfNoEntry: false })?.isFile()) return 'leads to no file';
  if (anchor && textOf.has(target) && !anchors(target).has(anchor)) return 'leads to no such place';
  return undefined;
}

function checkLinks() {
  let count = 0;
  for (const [file, text] of textOf) {
    const links = new Set(Array.from(text.matchAll(/<a\b[^>]* href="([^"]*)"/g), ([, link]) => link));
    for (const link of links) {
      const problem = problemOf(link.replaceAll('&amp;', '&'), file);
      if (problem) problems.push(`${relative(site, file)}: the link ${link} ${problem}`);
    }
    count += links.size;
  }
  console.log(`${count} links on ${pages.length} pages`);
}

// One of each kind, and all that is written by hand.
const shown = [
  'index.html',
  'modules.html',
  'classes/_bsd-sockets_socket.Socket.html',
  'functions/_bsd-sockets_socket.createConnection.html',
  ...pages.filter((page) => page.startsWith('documents/') || page.startsWith('modules/')),
];

async function open(browser, width) {
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  page.on('request', (request) => {
    if (/^https?:/.test(request.url())) problems.push(`${page.url()} asks for ${request.url()}`);
  });
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error}`));
  return page;
}

/** Runs in the browser: what reaches beyond the window, and is not within something that scrolls. */
function widerThanWindow() {
  const { clientWidth } = document.documentElement;
  const scrolls = (element) =>
    element !== null && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  const wide = [...document.querySelectorAll('.col-content *')].filter(
    (element) => element.getBoundingClientRect().right > clientWidth + 1 && !scrolls(element.parentElement),
  );
  return wide
    .filter((element) => !wide.includes(element.parentElement))
    .map(({ localName, textContent }) => `<${localName}> ${textContent.trim().slice(0, 50)}`);
}

async function checkLayout(browser, width) {
  const page = await open(browser, width);
  for (const file of shown) {
    await page.goto(`${pathToFileURL(join(site, file))}`);
    const wider = await page.evaluate(widerThanWindow);
    for (const element of wider) problems.push(`${file}: ${element} is wider than a window of ${width}`);
    if (screenshots) {
      await page.screenshot({ path: join(screenshots, `${file.replaceAll('/', '.')}.${width}.png`), fullPage: false });
    }
  }
  await page.close();
}

async function checkSearch(browser, width) {
  const page = await open(browser, width);
  await page.goto(`${pathToFileURL(join(site, 'index.html'))}`);
  for (const [text, title] of [
    ['createConnection', 'createConnection'],
    ['EADDRINUSE', 'Troubleshooting'],
    ['SO_REUSEPORT', 'SO_REUSEPORT'],
  ]) {
    await page.click('#tsd-search-trigger');
    await page.fill('#tsd-search-input', text);
    const results = page.locator('#tsd-search-results li a');
    // Those of the text before are there until then.
    await results
      .filter({ hasText: title })
      .first()
      .waitFor({ timeout: 30_000 })
      .catch(async () => {
        problems.push(`the search for ${text} finds ${(await results.allInnerTexts()).join(', ') || 'nothing'}`);
      });
    if (screenshots) await page.screenshot({ path: join(screenshots, `search.${text}.${width}.png`) });
    await page.keyboard.press('Escape');
  }
  await page.close();
}

checkLinks();
const browser = await chromium.launch({
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo does not run it
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid() === 0 ? ['--no-sandbox'] : [], // as root it starts only so
});
try {
  for (const width of [390, 1280]) {
    await checkLayout(browser, width);
    await checkSearch(browser, width);
  }
} finally {
  await browser.close();
}
for (const problem of problems) console.log(problem);
console.log(problems.length === 0 ? 'the site is in order' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
