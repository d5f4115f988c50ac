import { type Answer, type Client, problemIn, type ProblemBody, refusal } from '../client';
import { CliError } from '../cli-error';
import { type Patience, withPatience } from '../retry';
import type { PreparedEvent, Refusal } from './row-mapper';

type Result = { index?: number; status?: string; problem?: ProblemBody };
type BatchAnswer = { accepted?: number; refused?: number; results?: Result[] };
/** What the exchange said of the events of a batch. */
export type Verdict = { accepted: number; refused: Refusal[] };
export type SenderOptions = { client: Client; system: string; exchange: string; dataset: string; patience: Patience };

/** Refusals that are about the publisher or the dataset: the next row would meet the same. */
const ofAllRows = new Set(['dataset.unknown', 'decision.denied']);

/** Sends batches to the exchange; safe to repeat, because the exchange knows an event by its source and id. */
export class EventSender {
  constructor(private readonly options: SenderOptions) {}

  /**
   * Errors: `CliError` when nothing of the batch could be taken and the next would meet the same; `ServiceAway` when
   * the exchange is away for longer than the patience.
   */
  async send(events: PreparedEvent[]): Promise<Verdict> {
    if (events.length === 0) return { accepted: 0, refused: [] };
    const answer = await this.post(events);
    if (answer.status === 400 || answer.status === 413) return this.sendApart(events, answer);
    if (answer.status !== 202 && answer.status !== 207) throw refusal(this.what(), answer);
    const verdict = verdictOf(events, answer.body);
    const [first] = verdict.refused;
    if (first && verdict.accepted === 0 && verdict.refused.every(({ code }) => ofAllRows.has(code)))
      throw new CliError(`${this.what()}: ${first.detail} (${first.code})`, 'check --as and the dataset of the map');
    return verdict;
  }

  // The request as a whole was refused: halves find the event that is to blame, and the others are not held up by it.
  private async sendApart(events: PreparedEvent[], answer: Answer): Promise<Verdict> {
    const [event] = events;
    if (events.length === 1 && event) return { accepted: 0, refused: [refusalOf(event, problemIn(answer))] };
    const middle = Math.ceil(events.length / 2);
    const left = await this.send(events.slice(0, middle));
    const right = await this.send(events.slice(middle));
    return { accepted: left.accepted + right.accepted, refused: [...left.refused, ...right.refused] };
  }

  private post(events: PreparedEvent[]): Promise<Answer<BatchAnswer>> {
    const { client, system, exchange, patience } = this.options;
    const body = `[${events.map(({ json }) => json).join(',')}]`;
    const type = 'application/cloudevents-batch+json';
    return withPatience(() => client.call<BatchAnswer>(system, 'POST', `${exchange}/v1/events`, body, type), patience);
  }

  private what(): string {
    return `\`${this.options.system}\` cannot publish to \`${this.options.dataset}\``;
  }
}

function verdictOf(events: PreparedEvent[], { results = [] }: BatchAnswer): Verdict {
  const byIndex = new Map(results.map((result, i) => [result.index ?? i, result]));
  const verdict: Verdict = { accepted: 0, refused: [] };
  for (const [i, event] of events.entries()) {
    const result = byIndex.get(i);
    if (result?.status === 'accepted') verdict.accepted += 1;
    else if (result?.status === 'refused') verdict.refused.push(refusalOf(event, result.problem ?? {}));
    else
      throw new CliError(
        'the exchange did not answer for each event',
        'is exchange at the address of the connection file',
      );
  }
  return verdict;
}

function refusalOf({ line, id }: PreparedEvent, { code = 'unknown', detail = '', faults = [] }: ProblemBody): Refusal {
  const list = faults.map((fault) => `${fault.pointer ?? ''} ${fault.detail ?? fault.code ?? ''}`.trim());
  return { line, id, code, detail: [detail, ...list].join('; '), pointer: faults[0]?.pointer ?? '' };
}
