/** How each shape looks where there is little room: a silhouette, a letter, and a colour (in style.css). */

/** Silhouettes in a box of 16 × 10, standing on y = 9. @type {Record<string, string>} */
const SILHOUETTES = {
  empty: 'M2 8h12v1H2z',
  non_finite: 'M4 1.6 5 .8l3 3.2 3-3.2 1 .8-3 3.3L12 8.2l-1 .8-3-3.2L5 9l-1-.8 3-3.3z',
  constant: 'M7.4 1h1.2v8H7.4z',
  collapsed: 'M1 8.2h5.6V1h2.8v7.2H15V9H1z',
  saturated: 'M1 9V2h2.6v5.4h8.8V2H15v7z',
  sparse: 'M1 9C3 6.5 5 6 7 6V1h2v5c2 0 4 .5 6 3z',
  spiky: 'M2 9V4h1.8v5zM7.1 9V1h1.8v8zM12.2 9V3H14v6z',
  multimodal: 'M1 9c2 0 2-6 4-6s1.6 4.6 3 4.6S9 3 11 3s2 6 4 6z',
  uniform: 'M2 9V3h12v6z',
  gaussian: 'M1 9c4 0 4.4-7 7-7s3 7 7 7z',
  heavy_tailed: 'M1 9c4-.6 6-1 6.6-8h.8C9 8 11 8.4 15 9z',
  skewed: 'M1 9c1.4 0 1.6-7 3.6-7S8.5 8.2 15 9z',
  other: 'M1 9V6l3-2 2 3 3-4 2.5 3.5L15 5v4z',
  unresolved: 'M6 3.6C6 2 7 1 8.2 1S10.5 1.9 10.5 3.3C10.5 5 8.8 5 8.8 6.4H7.4C7.4 4.5 9 4.4 9 3.3 9 2.7 8.7 2.3 8.2 2.3S7.4 2.7 7.4 3.6zM7.3 7.3h1.6V9H7.3z',
};

/** @param {string} shape */
export const silhouette = (shape) => SILHOUETTES[shape] ?? SILHOUETTES['other'] ?? '';

/** Shapes in the order of the contract; unknown ones come last. */
export const SHAPES = Object.keys(SILHOUETTES);
