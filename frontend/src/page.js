/** Entry of an exported file: the same views, with the data that the file carries. */

import { pageHost } from './host.js';
import { start } from './main.js';
import { embeddedSource } from './source.js';

const root = document.getElementById('insight');
const data = document.getElementById('insight-data');
if (root && data) start(root, await embeddedSource(data), pageHost());
