/** How to log what is missing, in the words of the framework that the log came from. */

import { html } from '../vendor/htm-preact-standalone.js';
import { listed, nameOf, t } from '../words.js';

/** @import { RunEntry } from '../schema.js' */

/** Without these much cannot be checked. */
const ROLES = ['weight', 'gradient', 'activation', 'update'];

const PYTORCH = `from tb_histinsight.torch import InsightLogger

insight = InsightLogger(model, "runs/mine", every=100, activations=True)
for inputs, targets in data:
    optimizer.zero_grad()
    loss_of(model(inputs), targets).backward()
    optimizer.step()
    insight.step()`;
const KERAS = `from tb_histinsight.keras import InsightCallback

insight = InsightCallback("runs/mine", every=100, samples=(x[:256], y[:256]))
model.fit(x, y, callbacks=[insight])`;
const PLAIN = `from tb_histinsight.logging.tensors import TensorLogger

with TensorLogger("runs/mine") as logger:
    logger.log(step, weights={"dense_1/kernel": w}, gradients={"dense_1/kernel": g},
               updates={"dense_1/kernel": w - before}, activations={"dense_1": a})`;
const SNIPPETS = /** @type {Record<string, { name: string, code: string }>} */ ({
  pytorch: { name: 'PyTorch', code: PYTORCH },
  keras: { name: 'Keras', code: KERAS },
  tensorflow: { name: 'TensorFlow', code: PLAIN },
});

/** @param {{ runs: RunEntry[] }} props those of which something could not be checked */
export function Snippets({ runs }) {
  const lacking = runs.filter(({ outcomes }) => outcomes.some(({ status }) => status === 'skipped'));
  const missing = ROLES.filter((role) => lacking.some(({ tags }) => tags.length > 0 && !tags.some((tag) => tag.role === role)));
  if (missing.length === 0) return null;
  const frameworks = [...new Set(lacking.map(({ framework }) => framework ?? null))];
  const roles = listed(missing.map((role) => nameOf('roles', role)));
  return html`<div class="snippets">
    ${frameworks.map((framework) => {
      const known = framework === null ? undefined : SNIPPETS[framework];
      return html`<p>${known ? t('snippet.known', { framework: known.name, roles }) : t('snippet.plain', { roles })}</p>
        <pre tabindex="0"><code>${(known ?? { code: PLAIN }).code}</code></pre>`;
    })}
  </div>`;
}
