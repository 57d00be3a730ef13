/** A mistake of the person at the keyboard: one line that says what is wrong and what would be right. */
export class UserError extends Error {
  override name = 'UserError'

  /** Names that it quotes come from files and command lines: a line break or an escape in them stays harmless. */
  constructor(message: string) {
    super(message.replace(/\p{Cc}/gu, '�'))
  }
}

/** Levenshtein distance between two words (Levenshtein 1966), by one row of the table. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(substitution, previous[j] + 1, row[j - 1] + 1))
    }
    previous = row
  }
  return previous[b.length]
}

/** The choices, the nearest spelling first; a choice that contains the word is nearest of all. */
export function nearestFirst(word: string, choices: readonly string[]): string[] {
  const distance = (choice: string) => (choice.includes(word) ? 0 : editDistance(word, choice))
  return [...choices].sort((a, b) => distance(a) - distance(b))
}

/** `word` itself when it is one of the choices. @throws UserError that lists them, the nearest spelling first. */
export function oneOf<T extends string>(kind: string, word: string, choices: readonly T[]): T {
  if ((choices as readonly string[]).includes(word)) return word as T
  throw new UserError(`unknown ${kind} '${word}'; known: ${nearestFirst(word, choices).join(', ')}`)
}
