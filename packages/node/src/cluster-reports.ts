import type { ClusterStatus } from "@isthmus/api";
import type { ControlState } from "@isthmus/control";
import type { Clock, NodeId, Registry } from "@isthmus/kernel";
import { decodeReport, decodeReportRequest, encodeReport, encodeReportRequest, FRAME } from "@isthmus/wire";
import { clusterStatus } from "./cluster-status.ts";
import { checkedReport, type NodeReport } from "./node-report.ts";

export interface ClusterReportsOptions {
  /** Everybody else, as of now. */
  others(): readonly NodeId[];
  readonly peers: {
    isUp(peer: NodeId): boolean;
    send(peer: NodeId, kind: number, payload: Uint8Array): boolean;
  };
  readonly clock: Clock;
  readonly registry: Registry;
  own(): NodeReport;
  control(): ControlState;
}

interface OpenQuestion {
  readonly reports: Map<string, NodeReport>;
  readonly missing: Set<NodeId>;
  done(): void;
}

/** How long a question for the state of the cluster waits for other nodes. */
const WAIT_MS = 700;

/** Asks all nodes what they know of themselves, when somebody wants to know; an idle cluster tells nobody anything. */
export class ClusterReports {
  readonly #options: ClusterReportsOptions;
  readonly #open = new Map<number, OpenQuestion>();
  #number = 0;

  constructor(options: ClusterReportsOptions) {
    this.#options = options;
  }

  ask(): Promise<ClusterStatus> {
    const { others, peers, clock, own, control } = this.#options;
    const mine = own();
    const missing = new Set(others().filter((peer) => peers.isUp(peer)));
    const reports = new Map([[mine.node, mine]]);
    return new Promise((resolve) => {
      this.#number += 1;
      const number = this.#number;
      const done = () => {
        timer.cancel();
        this.#open.delete(number);
        resolve(clusterStatus(control(), reports));
      };
      const timer = clock.after(WAIT_MS, done);
      this.#open.set(number, { reports, missing, done });
      for (const peer of missing)
        if (!peers.send(peer, FRAME.reportRequest, encodeReportRequest(number))) missing.delete(peer);
      if (missing.size === 0) done();
    });
  }

  answer(peer: NodeId, question: Uint8Array): void {
    const { peers, own } = this.#options;
    peers.send(peer, FRAME.report, encodeReport(decodeReportRequest(question), own()));
  }

  take(peer: NodeId, answer: Uint8Array): void {
    const { number, report } = decodeReport(answer);
    const question = this.#open.get(number);
    if (!question?.missing.delete(peer)) return;
    const checked = checkedReport(report);
    if (checked?.node === peer) question.reports.set(peer, checked);
    else this.#options.registry.refuse("frame", "malformed_report");
    if (question.missing.size === 0) question.done();
  }

  peerDown(peer: NodeId): void {
    for (const question of this.#open.values())
      if (question.missing.delete(peer) && question.missing.size === 0) question.done();
  }
}
