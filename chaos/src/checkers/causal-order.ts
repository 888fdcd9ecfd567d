import { type Checker, type EntryApplied, Violation } from "../evidence.ts";

/** A batch is applied exactly once, right behind its origin's last one, and after everything in its context. */
export class CausalOrder implements Checker {
  readonly name = "causal order";

  applied({ node, applied, before, after }: EntryApplied): void {
    if (applied.kind === "empty" || applied.kind === "skipped") {
      if (!after.equals(before))
        throw new Violation(this.name, `a no-op at ${node} changes [${before}] to [${after}]`);
      return;
    }
    if (applied.kind === "position") return;
    const { origin, sequence, context } = applied.batch;
    if (!before.covers(context))
      throw new Violation(
        this.name,
        `${node} at [${before}] applies ${origin}:${sequence}, which needs [${context}]`,
      );
    if (sequence !== before.get(origin) + 1)
      throw new Violation(this.name, `${node} at [${before}] applies ${origin}:${sequence}`);
    if (!after.equals(before.with(origin, sequence)))
      throw new Violation(this.name, `${origin}:${sequence} brings ${node} from [${before}] to [${after}]`);
    if (applied.kind === "local" && !context.equals(before))
      throw new Violation(this.name, `${origin}:${sequence} is made at [${before}] and says [${context}]`);
  }
}
