/** The page around the tab: TensorBoard when it runs as a plugin, or nothing but the browser. */

/** @import { Address, Host } from './routes.js' */

const PLUGIN = 'histinsight';
const PREFIX = `p.${PLUGIN}.`;

/** @returns {Host} */
export function findHost() {
  const parent = parentOfSameOrigin();
  return parent ? tensorboardHost(parent) : pageHost();
}

/**
 * TensorBoard's own typeface, which a frame does not inherit; the rules for it stand in the page around.
 * @param {Window} parent
 */
async function borrowTypeface(parent) {
  const faces = await parent.document.fonts.ready;
  // Under a path prefix TensorBoard looks for it in the wrong place, and does without.
  if (![...faces].some((face) => face.family.includes('Roboto') && face.status === 'loaded')) return;
  for (const sheet of parent.document.styleSheets) {
    for (const rule of readableRules(sheet)) {
      if (rule.constructor.name !== 'CSSFontFaceRule') continue;
      const { style } = /** @type {CSSFontFaceRule} */ (rule);
      const family = style.getPropertyValue('font-family').replace(/["']/g, '');
      if (family !== 'Roboto') continue;
      const source = style.getPropertyValue('src').replace(/url\("?([^")]+)"?\)/g, (_, url) => `url("${new URL(url, sheet.href ?? parent.document.baseURI).href}")`);
      const face = new FontFace(family, source, {
        weight: style.getPropertyValue('font-weight') || 'normal',
        style: style.getPropertyValue('font-style') || 'normal',
        unicodeRange: style.getPropertyValue('unicode-range') || 'U+0-10FFFF',
      });
      document.fonts.add(face);
    }
  }
}

/** @param {CSSStyleSheet} sheet @returns {CSSRule[]} none where the browser hides those of another origin */
function readableRules(sheet) {
  try {
    return [...sheet.cssRules];
  } catch {
    return [];
  }
}

/** @returns {Window | null} */
function parentOfSameOrigin() {
  try {
    // Reading the document throws where the parent is of another origin (a notebook behind a proxy).
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null;
  }
}

/**
 * TensorBoard keeps everything that is to be seen in its own address bar:
 * `#histinsight&p.histinsight.view=tag&p.histinsight.run=…`.
 * @param {Window} parent
 * @returns {Host}
 */
function tensorboardHost(parent) {
  const listeners = listenToTensorBoard(parent);
  void borrowTypeface(parent);
  const isShown = () => (readHash(parent.location.hash)[''] ?? PLUGIN) === PLUGIN;
  /** @param {Record<string, string>} hash the part of the address that is kept */
  const url = (hash) => {
    const target = new URL(parent.location.href);
    target.hash = writeHash(hash);
    return target.toString();
  };
  /** @param {Address} address */
  const linkTo = (address) => {
    const others = Object.entries(readHash(parent.location.hash)).filter(([key]) => !key.startsWith(PREFIX));
    const own = Object.entries(address).map(([key, value]) => [PREFIX + key, value]);
    return url({ ...Object.fromEntries(others), ...Object.fromEntries(own), '': PLUGIN });
  };
  return {
    name: 'tensorboard',
    isDark: () => parent.document.body.classList.contains('dark-mode'),
    onDarkChange(listener) {
      // Present from TensorBoard 2.6 on; nothing tells a plugin about it, so the class itself is watched.
      new MutationObserver(listener).observe(parent.document.body, { attributeFilter: ['class'] });
    },
    readAddress() {
      const entries = Object.entries(readHash(parent.location.hash)).filter(([key]) => key.startsWith(PREFIX));
      return Object.fromEntries(entries.map(([key, value]) => [key.slice(PREFIX.length), value]));
    },
    writeAddress(address, push) {
      // A late change must not pull the reader back from another dashboard.
      if (!push && !isShown()) return;
      const target = linkTo(address);
      // TensorBoard's router keeps its own state in the history entry.
      if (push) parent.history.pushState(parent.history.state, '', target);
      else parent.history.replaceState(parent.history.state, '', target);
    },
    onAddressChange(listener) {
      const changed = () => {
        if (isShown()) listener();
      };
      parent.addEventListener('popstate', changed);
      parent.addEventListener('hashchange', changed);
    },
    linkTo,
    onReload: (listener) => void listeners.push(listener),
    stockLink(dashboard, tag) {
      // What is seen here stays in the address, so that the way back leads here.
      return url({ ...readHash(parent.location.hash), '': dashboard, tagFilter: `^${escapeRegex(tag)}$` });
    },
  };
}

/**
 * TensorBoard's channel to plugins: JSON messages through a port that the plugin hands over.
 * @param {Window} parent
 * @returns {(() => void)[]} listeners to call when TensorBoard has reloaded its data
 */
function listenToTensorBoard(parent) {
  /** @type {(() => void)[]} */
  const listeners = [];
  const channel = new MessageChannel();
  channel.port1.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.isReply) return;
    channel.port1.postMessage(
      JSON.stringify({ type: message.type, id: message.id, payload: null, error: null, isReply: true }),
    );
    if (message.type === 'experimental.DataReloaded') for (const listener of listeners) listener();
  };
  parent.postMessage('experimental.bootstrap', parent.location.origin, [channel.port2]);
  return listeners;
}

/**
 * No TensorBoard around: the page's own hash and the browser's own colour scheme.
 * @returns {Host}
 */
export function pageHost() {
  const scheme = window.matchMedia('(prefers-color-scheme: dark)');
  /** @type {Address | null} */
  let kept = null;
  /** @param {Address} address */
  const linkTo = (address) => {
    const target = new URL(window.location.href);
    target.hash = writeHash(address);
    return target.toString();
  };
  return {
    name: 'page',
    isDark: () => scheme.matches,
    onDarkChange: (listener) => scheme.addEventListener('change', listener),
    readAddress: () => kept ?? readHash(window.location.hash),
    writeAddress(address, push) {
      try {
        if (push) window.history.pushState(null, '', linkTo(address));
        else window.history.replaceState(null, '', linkTo(address));
      } catch {
        kept = address; // a frame within a notebook has no history of its own
      }
    },
    onAddressChange(listener) {
      window.addEventListener('popstate', listener);
      window.addEventListener('hashchange', listener);
    },
    linkTo,
    onReload: () => {},
    stockLink: () => null,
  };
}

/**
 * The key '' stands for the part without `=`: TensorBoard's name of the dashboard.
 * @param {string} hash
 * @returns {Record<string, string>}
 */
export function readHash(hash) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const part of hash.replace(/^#/, '').split('&')) {
    if (!part) continue;
    const cut = part.indexOf('=');
    try {
      if (cut < 0) found[''] = decodeURIComponent(part);
      else found[decodeURIComponent(part.slice(0, cut))] = decodeURIComponent(part.slice(cut + 1));
    } catch {
      // A link that was cut off in the middle of an escape: the rest of it still counts.
    }
  }
  return found;
}

/** @param {Readonly<Record<string, string>>} values */
export function writeHash(values) {
  const named = Object.entries(values)
    .filter(([key]) => key !== '')
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return (values[''] ? [values[''], ...named] : named).join('&');
}

/** @param {string} text */
const escapeRegex = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
