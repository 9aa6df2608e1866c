/**
 * Buckets so narrow that chance alone fills or empties them are drawn together with their neighbours. Exponential
 * buckets near 0 are: a log axis would show them as noise, from white to darkest. Pure geometry.
 */

/** @import { Buckets } from './buckets.js' */

/** Values that a bucket of the usual density must have room for to be drawn by itself: chance makes a fifth of them. */
const ENOUGH = 25;
/** Part of the bulk's width that is drawn by itself however few values there are: the shape stays as it was logged. */
const FINEST = 0.02;
/** Share of the values between the 16th and the 84th percentile, which tell the usual density. */
const BULK = 0.6826;

/**
 * @param {Buckets} buckets ascending @param {number} bulk width of the interval that holds the middle 68 %
 * @param {(left: number, right: number) => boolean} isPoint which buckets stand for one value: they stay as they are
 * @returns {Buckets}
 */
export function pooled(buckets, bulk, isPoint) {
  const narrow = Math.min((ENOUGH * bulk) / (BULK * buckets.total), FINEST * bulk);
  if (!(narrow > 0)) return buckets;
  /** @type {Buckets} */
  const out = { left: [], right: [], share: [], total: buckets.total };
  // Of the bucket written last: whether it was narrow, so that more may join it.
  let open = false;
  buckets.left.forEach((left, k) => {
    const right = buckets.right[k] ?? left;
    const share = buckets.share[k] ?? 0;
    const end = out.left.length - 1;
    const single = isPoint(left, right) || right - left >= narrow;
    const touching = out.right[end] === left;
    const roomLeft = (out.right[end] ?? 0) - (out.left[end] ?? 0) < narrow;
    if (!single && open && touching && roomLeft) {
      out.right[end] = right;
      out.share[end] = (out.share[end] ?? 0) + share;
      return;
    }
    if (single || !touching) closeLast(out, narrow, isPoint);
    out.left.push(left);
    out.right.push(right);
    out.share.push(share);
    open = !single;
  });
  closeLast(out, narrow, isPoint);
  return out;
}

/** What is left over at the end of a stretch joins what was pooled before it. @param {Buckets} out @param {number} narrow @param {(left: number, right: number) => boolean} isPoint */
function closeLast(out, narrow, isPoint) {
  const end = out.left.length - 1;
  const left = out.left[end] ?? 0;
  const right = out.right[end] ?? 0;
  if (end < 1 || right - left >= narrow || isPoint(left, right)) return;
  const before = out.left[end - 1] ?? 0;
  if (out.right[end - 1] !== left || left - before > 2 * narrow || isPoint(before, left)) return;
  out.right[end - 1] = right;
  out.share[end - 1] = (out.share[end - 1] ?? 0) + (out.share[end] ?? 0);
  out.left.pop();
  out.right.pop();
  out.share.pop();
}
