import type { ControlCommand } from "@isthmus/control";
import { DecodeError, type RegionId } from "@isthmus/kernel";
import { decodeWith, encodeWith, proto } from "./envelope.ts";

/** A control command with the id by which its proposer recognises it. */
export interface ControlEntry {
  readonly id: Uint8Array;
  readonly command: ControlCommand;
}

export function encodeControlEntry({ id, command }: ControlEntry): Uint8Array {
  switch (command.kind) {
    case "set_link":
      return encodeWith(proto.ControlCommand, {
        id,
        setLink: { from: command.from, to: command.to, paused: command.paused },
      });
  }
}

export function decodeControlEntry(bytes: Uint8Array): ControlEntry {
  const raw = decodeWith(proto.ControlCommand, bytes, "a control command");
  if (raw.setLink) {
    const { from, to, paused } = raw.setLink;
    return {
      id: raw.id,
      command: {
        kind: "set_link",
        from: (from ?? "") as RegionId,
        to: (to ?? "") as RegionId,
        paused: paused ?? false,
      },
    };
  }
  throw new DecodeError("an unknown control command");
}
