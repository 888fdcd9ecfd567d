import { assert, must, type Random } from "@isthmus/kernel";
import type { Message } from "@isthmus/raft";
import type { RaftProfile } from "./raft-world-profile.ts";

/** Beyond them the oldest message is lost. */
const MESSAGES_MAX = 200;

/** What is on its way between nodes, and who can hear whom. */
export class RaftNetwork {
  readonly #random: Random;
  readonly #profile: RaftProfile;
  #messages: Message[] = [];
  /** Who hears only each other; all others hear only each other too. */
  #island = new Set<number>();

  constructor(random: Random, profile: RaftProfile) {
    this.#random = random;
    this.#profile = profile;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  get isCut(): boolean {
    return this.#island.size > 0;
  }

  /** Gives the message for which there is no room any more. */
  send(message: Message): Message | undefined {
    this.#messages.push(message);
    return this.#messages.length > MESSAGES_MAX ? this.#messages.shift() : undefined;
  }

  /** The message whose turn it is, and whether it arrives. It may stay on its way too. */
  next(): { readonly message: Message; readonly isLost: boolean } {
    const { lossRate, repeatRate, reorders } = this.#profile;
    assert(!this.isEmpty, "something is on its way");
    let at = this.#random.below(this.#messages.length);
    const drawn = must(this.#messages[at], "a message on its way");
    if (!reorders) at = this.#messages.findIndex(({ from, to }) => from === drawn.from && to === drawn.to);
    const message = must(this.#messages[at], "a message on its way");
    if (this.#random.next() >= repeatRate) this.#messages.splice(at, 1);
    const isCut = this.#island.has(message.from) !== this.#island.has(message.to);
    return { message, isLost: isCut || this.#random.next() < lossRate };
  }

  /** All at once, in the order in which they were sent. */
  takeAll(): Message[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  cut(island: readonly number[]): void {
    this.#island = new Set(island);
  }

  heal(): void {
    this.#island = new Set();
  }
}
