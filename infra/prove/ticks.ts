import { type ProofId, proofs } from './proofs.ts';

export interface Tick {
  readonly id: ProofId;
  readonly state: 'proved' | 'not proved' | 'not part of this stage' | 'for you';
  readonly says: string;
  /** What was seen. */
  readonly seen: string;
}

/** The list of what only an account can prove, as far as it has been. */
export class Ticks {
  readonly #seen = new Map<ProofId, string>();
  readonly #absent = new Set<ProofId>();

  prove(id: ProofId, seen: string): void {
    this.#seen.set(id, seen);
  }

  /** The stage has nothing to prove it with. */
  leaveOut(id: ProofId): void {
    this.#absent.add(id);
  }

  /** Whether everything is proved that this command can prove. */
  areComplete(): boolean {
    return this.list().every(({ state }) => state !== 'not proved');
  }

  list(): readonly Tick[] {
    return proofs.map(({ id, says, by }) => {
      const seen = this.#seen.get(id);
      if (seen !== undefined) return { id, says, state: 'proved', seen };
      if (this.#absent.has(id)) return { id, says, state: 'not part of this stage', seen: '' };
      return { id, says, state: by === 'you' ? 'for you' : 'not proved', seen: '' };
    });
  }
}

const marks = { proved: 'x', 'not proved': ' ', 'not part of this stage': '-', 'for you': '?' } as const;

export const tickText = ({ id, state, says, seen }: Tick) =>
  `[${marks[state]}] ${id.padEnd(15)} ${says}${seen === '' ? '' : `: ${seen}`}`;
