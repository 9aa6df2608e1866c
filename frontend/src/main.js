/** Puts the tab into an element, and draws it again whenever something changes. */

import { App } from './app.js';
import { Store } from './state.js';
import { html, render } from './vendor/htm-preact-standalone.js';

/** @import { Host, Source } from './routes.js' */

/**
 * @param {Element} root
 * @param {Source} source
 * @param {Host} host
 */
export function start(root, source, host) {
  // Of a frame, only a screen reader says it.
  document.title ||= 'Insight';
  const store = new Store(source, host);
  store.listener = () => {
    document.documentElement.classList.toggle('dark', store.state.dark);
    render(html`<${App} store=${store} state=${store.state} />`, root);
  };
  store.listener();
  void store.start();
}
