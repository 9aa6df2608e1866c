/** TensorBoard loads this module in a frame of its own and calls `render`. */

import { findHost } from './host.js';
import { start } from './main.js';
import { httpSource } from './source.js';

export function render() {
  for (const file of ['./vendor/uPlot.min.css', './style.css']) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL(file, import.meta.url).href;
    document.head.append(link);
  }
  const root = document.createElement('div');
  root.id = 'insight';
  document.body.append(root);
  start(root, httpSource(), findHost());
}
