/**
 * What happened before what: dots name operations, version vectors say which are known, stamps order the concurrent ones.
 *
 *     const seen = VersionVector.of([[usEast, 5]]);
 *     seen.includes({ origin: usEast, epoch: 1, sequence: 6, position: 0 }); // false: concurrent or later
 *
 * It leaves to others: where batches come from, and what to do about concurrent ones (`conflict`).
 */
export { compareDots, type Dot, equalDots, formatDot, readDot, writeDot } from "./dot.ts";
export {
  compareStamps,
  maxStamp,
  nextStamp,
  readStamp,
  STAMP_ZERO,
  type Stamp,
  writeStamp,
} from "./stamp.ts";
export { CONTROL_COMPONENT, VersionVector } from "./vector.ts";
