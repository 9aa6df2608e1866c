/** TensorBoard loads this module in a frame of its own and calls `render`. */

import { findHost } from './host.js';
import { start } from './main.js';
import { httpSource } from './source.js';

export async function render() {
  const host = findHost();
  const page = document.documentElement;
  // Until the style sheet is there: no white flash in a dark TensorBoard.
  page.style.colorScheme = host.isDark() ? 'dark' : 'light';
  await addStyleSheet('./style.css');
  page.style.colorScheme = '';
  const root = document.createElement('div');
  root.id = 'insight';
  document.body.append(root);
  start(root, httpSource(), host);
}

/** @param {string} file @returns {Promise<void>} done whether it came or not: bare text is better than none */
function addStyleSheet(file) {
  return new Promise((resolve) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL(file, import.meta.url).href;
    link.onload = () => resolve();
    link.onerror = () => resolve();
    document.head.append(link);
  });
}
