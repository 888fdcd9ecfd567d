import type { ControlCommand } from "@isthmus/control";
import { DecodeError, fromHex, hex, type NodeId, type RegionId } from "@isthmus/kernel";
import { decodeWith, encodeWith, proto } from "./envelope.ts";

/** A control command with the id by which its proposer recognises it. */
export interface ControlEntry {
  readonly id: Uint8Array;
  readonly command: ControlCommand;
}

export function encodeControlEntry({ id, command }: ControlEntry): Uint8Array {
  return encodeWith(proto.ControlCommand, { id, ...changeOf(command) });
}

function changeOf(command: ControlCommand): proto.ControlCommand.$Properties {
  switch (command.kind) {
    case "set_link": {
      const { from, to, paused } = command;
      return { setLink: { from, to, paused } };
    }
    case "add_node": {
      const { region, node, api, cluster } = command;
      return { addNode: { region, node, api, cluster } };
    }
    case "remove_node":
      return { removeNode: { node: command.node } };
    case "drain_node":
      return { drainNode: { node: command.node, draining: command.draining } };
    case "identify_node":
      return { identifyNode: { node: command.node, dataId: fromHex(command.dataId) } };
  }
}

/** Throws DecodeError for what no version of a node that this one knows of has proposed. */
export function decodeControlEntry(bytes: Uint8Array): ControlEntry {
  const raw = decodeWith(proto.ControlCommand, bytes, "a control command");
  const command = commandOf(raw);
  if (command === null) throw new DecodeError("an unknown control command");
  return { id: raw.id, command };
}

function commandOf(raw: proto.ControlCommand.$Properties): ControlCommand | null {
  const node = (name: string | null | undefined): NodeId => (name ?? "") as NodeId;
  const region = (name: string | null | undefined): RegionId => (name ?? "") as RegionId;
  if (raw.setLink) {
    const { from, to, paused } = raw.setLink;
    return { kind: "set_link", from: region(from), to: region(to), paused: paused ?? false };
  }
  if (raw.addNode) {
    const { api, cluster } = raw.addNode;
    const member = { region: region(raw.addNode.region), node: node(raw.addNode.node) };
    return { kind: "add_node", ...member, api: api ?? "", cluster: cluster ?? "" };
  }
  if (raw.removeNode) return { kind: "remove_node", node: node(raw.removeNode.node) };
  if (raw.drainNode)
    return { kind: "drain_node", node: node(raw.drainNode.node), draining: raw.drainNode.draining ?? false };
  if (raw.identifyNode) {
    const dataId = hex(raw.identifyNode.dataId ?? new Uint8Array());
    return { kind: "identify_node", node: node(raw.identifyNode.node), dataId };
  }
  return null;
}
