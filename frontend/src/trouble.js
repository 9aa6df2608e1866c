/** What went wrong while something was asked for, as a sentence. */

import { MissingSeries, Unreachable } from './source.js';
import { t } from './words.js';

/** @param {unknown} error */
export function explainError(error) {
  if (error instanceof Unreachable) return t('error.unreachable');
  if (error instanceof MissingSeries) return t('error.not_exported');
  return error instanceof Error ? error.message : String(error);
}
