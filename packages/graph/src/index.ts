/**
 * The data's state machine: nodes and edges as registers with siblings, changed by applying a group's log.
 *
 *     const machine = new GraphMachine({ group, origin, members, state, registry, retryKeys: 1000 });
 *     const applied = machine.apply(index, term, entry.data); // { kind: "local", batch, results }
 *     new GraphReader(state, machine.policy).getNode("n1");
 *
 * It leaves to others: the log (`raft`, `wal`), where the state is kept (`store`), and shipping batches (`relay`).
 */
export { checkedContent } from "./batch-content.ts";
export type { StateWriter } from "./draft.ts";
export {
  type Applied,
  GraphMachine,
  type MachineOptions,
  type RequestResult,
  type SkipReason,
} from "./machine.ts";
export { FIRST_EPOCH } from "./meta.ts";
export { cursorFromText, cursorText, type EdgeRead, GraphReader, type NodeRead } from "./reader.ts";
export { INSTALL_KEY, STATE_RANGE } from "./snapshot-keys.ts";
export { DEFAULT_VIEW, type ViewPolicy } from "./view.ts";
