import { type Checker, type HistoryItem, Violation } from "../evidence.ts";

/** A read with a session's token shows a state that has all that the session has seen. */
export class SessionReads implements Checker {
  readonly name = "session reads";

  returned({ client, from, result, read }: HistoryItem): void {
    if (result !== "ok" || !read?.session || read.asOf === null) return;
    if (!read.asOf.covers(read.session))
      throw new Violation(
        this.name,
        `${from} shows ${client} [${read.asOf}], and it had seen [${read.session}]`,
      );
  }
}
