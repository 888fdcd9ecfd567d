import { assert } from "@isthmus/kernel";

interface Sent {
  readonly number: number;
  readonly requests: readonly Uint8Array[];
  sentTick: number;
}

/** What is to be sent to the leader now. */
export interface HandOver {
  readonly number: number;
  readonly requests: readonly Uint8Array[];
  readonly again: boolean;
}

/** Unanswered for so long, a hand-over is sent again. */
const AGAIN_AFTER_TICKS = 5;

/**
 * The sender's side of handing requests over to a leader, for one leader in one term: numbered densely, kept until the
 * leader says that it has them, sent again when it does not say so. A socket that breaks loses nothing.
 */
export class HandOvers {
  #leader = 0;
  #term = 0;
  #number = 0;
  #unanswered: Sent[] = [];
  #refused = false;

  /** Another leader or term: what was sent before is the write queue's to judge. */
  begin(leader: number, term: number): void {
    if (leader === this.#leader && term === this.#term) return;
    this.#leader = leader;
    this.#term = term;
    this.#number = 0;
    this.#unanswered = [];
    this.#refused = false;
  }

  /** Who is taken for the leader says that it does not lead: nothing more goes there in this term. */
  get isRefused(): boolean {
    return this.#refused;
  }

  refused(term: number, number: number): void {
    if (term !== this.#term) return;
    this.#refused = true;
    this.#unanswered = this.#unanswered.filter((sent) => sent.number !== number);
  }

  add(requests: readonly Uint8Array[], tick: number): HandOver {
    this.#number += 1;
    this.#unanswered.push({ number: this.#number, requests, sentTick: tick });
    return { number: this.#number, requests, again: false };
  }

  /** It could not be sent at all: as if it had not been numbered. */
  takeBack(number: number): void {
    assert(number === this.#number, "only the last one is taken back");
    this.#number -= 1;
    this.#unanswered.pop();
  }

  answered(term: number, taken: number): void {
    if (term === this.#term) this.#unanswered = this.#unanswered.filter((sent) => sent.number > taken);
  }

  /** Something was sent and not answered yet. */
  get waits(): boolean {
    return this.#unanswered.length > 0;
  }

  due(tick: number): HandOver[] {
    const late = this.#unanswered[0];
    if (!late || tick - late.sentTick < AGAIN_AFTER_TICKS) return [];
    for (const sent of this.#unanswered) sent.sentTick = tick;
    return this.#unanswered.map(({ number, requests }) => ({ number, requests, again: true }));
  }
}

/** What a leader says to a hand-over. */
export type Verdict = "take" | "known" | "refuse" | "ignore";

/**
 * The leader's side: what it has taken of each sender in the term that it led last. It remembers after it has stepped
 * down, since what it took then may still be applied.
 */
export class TakenHandOvers {
  #term = 0;
  readonly #taken = new Map<number, { readonly nonce: number; number: number }>();

  /** This node leads in `term`. */
  lead(term: number): void {
    if (term === this.#term) return;
    this.#term = term;
    this.#taken.clear();
  }

  takenOf(sender: number, nonce: number, term: number): number {
    const taken = term === this.#term ? this.#taken.get(sender) : undefined;
    return taken?.nonce === nonce ? taken.number : 0;
  }

  /**
   * Invariant: only what was certainly not taken is refused, for who hears a refusal sends the requests in a later term.
   * A hand-over that was sent before, of a term of which this life remembers nothing, may have been taken in an earlier
   * life: it gets no answer.
   */
  judge(
    sender: number,
    { nonce, number, term, again }: { nonce: number; number: number; term: number; again: boolean },
    leadsInTerm: number | null,
  ): Verdict {
    if (term !== this.#term) return again ? "ignore" : "refuse";
    const taken = this.takenOf(sender, nonce, term);
    if (number <= taken) return "known";
    if (leadsInTerm !== term) return "refuse";
    // One before it is missing: the sender will send both again.
    if (number !== taken + 1) return "ignore";
    return "take";
  }

  take(sender: number, nonce: number, number: number): void {
    this.#taken.set(sender, { nonce, number });
  }
}
