import { CONTROL_GROUP } from "@isthmus/kernel";
import { type Checker, type RoleSeen, Violation } from "../evidence.ts";

/** In each term of a group one node leads at most, and all who name a leader of the term name that one. */
export class OneLeader implements Checker {
  readonly name = "one leader a term";
  readonly #leaders = new Map<string, number>();

  role({ group, region, node, number, leads, term, leader }: RoleSeen): void {
    const named = leads ? number : leader;
    if (named === 0) return;
    // The control group is one over all regions; a data group is one in each.
    const key = `${group} ${group === CONTROL_GROUP ? "" : region} ${term}`;
    const known = this.#leaders.get(key);
    if (known !== undefined && known !== named)
      throw new Violation(
        this.name,
        `${node} sees ${named} lead ${group} in term ${term}, which ${known} led`,
      );
    this.#leaders.set(key, named);
  }
}
