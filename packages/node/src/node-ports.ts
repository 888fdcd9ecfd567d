import type { Clock, Disk, Network, Random, Registry, StateEnvironment } from "@isthmus/kernel";

/**
 * All through which a node reaches the world. A simulated node is composed by the same function as a real one; these
 * are what is replaced, and nothing else.
 */
export interface NodePorts {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly network: Network;
  readonly random: Random;
  /** Opens the checkpoints. Called once, behind the log: what is not this node's is refused before they are touched. */
  openState(): Promise<StateEnvironment>;
  readonly registry: Registry;
}
