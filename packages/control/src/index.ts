/**
 * What is agreed between the regions, as a pure state machine over the control log: who takes part, by which data each
 * node is known, who should lead nothing, which links rest.
 *
 *     const { state } = applyControl(foundedControl(topology), { kind: "set_link", from, to, paused: true });
 *
 * It leaves to others: the log itself (`raft`, `replica`) and acting on what is agreed (`relay`, `node`).
 */
export {
  applyControl,
  type ControlCommand,
  type ControlRefusal,
  type ControlState,
  foundedControl,
  isLinkPaused,
} from "./control-state.ts";
export { dataIdOf, isRemoved, type MembershipCommand, type RemovedNode } from "./members.ts";
export {
  allNodes,
  controlMembers,
  controlVotesPerRegion,
  type DatabaseSpec,
  foundingHash,
  type NodeSpec,
  type RegionSpec,
  type Topology,
} from "./topology.ts";
