import { assert } from "@isthmus/kernel";
import type { Core } from "./core.ts";
import { countVote } from "./election.ts";
import { followLeader } from "./follower.ts";
import type { Outcome } from "./proposal.ts";
import type { Message } from "./types.ts";

/** What a candidate or pre-candidate does with a message of its term. */
export function stepCandidate(core: Core, message: Message): Outcome {
  const isPreVote = core.role === "StatePreCandidate";
  assert(isPreVote || core.role === "StateCandidate", "only a candidate counts votes");
  switch (message.type) {
    case "MsgProp":
      // Nobody knows who will lead: to keep it would be to promise something.
      return "dropped";
    case "MsgApp":
    case "MsgHeartbeat":
    case "MsgSnap":
      // Somebody else won this term.
      core.becomeFollower(message.term, message.from);
      followLeader(core, message);
      break;
    // An answer to the other kind of question is a late one, from before or after the pre-vote was won.
    case "MsgPreVoteResp":
      if (isPreVote) countVote(core, message.from, !message.reject);
      break;
    case "MsgVoteResp":
      if (!isPreVote) countVote(core, message.from, !message.reject);
      break;
    default:
      break;
  }
  return "taken";
}
