import { type Command, CommanderError, InvalidArgumentError } from 'commander'
import { UserError } from '../lib/errors.ts'

/** Values of `--set name=value`. */
export type Settings = Readonly<Record<string, string | number | boolean>>

/**
 * Commander's parser of a repeatable `--set name=value`; the last value of a name counts. What spells a number or a
 * boolean is one: whether the name takes it is for the schema to say.
 */
export function collectSettings(value: string, previous: Settings = {}): Settings {
  const [, name, text] = /^([^=]+)=(.*)$/s.exec(value) ?? []
  if (name === undefined) throw new InvalidArgumentError('Expected name=value.')
  return { ...previous, [name.trim()]: readValue(text) }
}

function readValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
}

/** Commander's parser of a list of words: commas between them, or the flag repeated. */
export function words(value: string, previous: string[] = []): string[] {
  return [...previous, ...value.split(',').map(word => word.trim())]
}

/** Commander's parser of a repeatable flag whose texts are taken as they are. */
export const collectTexts = (value: string, previous: string[] = []): string[] => [...previous, value]

/** Commander's parser of a whole number of at least `least`. */
export function wholeNumber(least: number): (value: string) => number {
  return value => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < least)
      throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`)
    return number
  }
}

/** Commander's parser of a list of whole numbers of at least 1. */
export const wholeNumbers = (value: string, previous: number[] = []): number[] => [
  ...previous,
  ...value.split(',').map(number => wholeNumber(1)(number.trim())),
]

/** Commander's parser of a large whole number, which may be written as `2e11`. */
export function amount(value: string): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('Expected a whole number of at least 1, as 2e11.')
  return number
}

/** Writes one line of results, and waits until it is taken: a reader that left (`| head`) ends the program quietly. */
export function writeLine(line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${line}\n`, error => (error ? reject(error) : resolve()))
  })
}

/** Throws instead of exiting, in one line, for a command and all below it. */
function prepare(command: Command): void {
  command.exitOverride()
  command.configureOutput({ outputError: (text, write) => write(`${text.trim().replace(/\s*\n\s*/g, ' ')}\n`) })
  command.commands.forEach(prepare)
}

const isClosedPipe = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EPIPE'

/**
 * Runs a program on the process's arguments. A mistake of the user is one line on stderr and exit code 2; help is exit
 * code 0; a closed pipe ends quietly. Any other error is a bug and keeps its stack trace.
 */
export async function runCommand(program: Command): Promise<void> {
  prepare(program)
  process.stdout.on('error', error => {
    if (!isClosedPipe(error)) throw error
    process.exit()
  })
  try {
    await program.parseAsync()
  } catch (error) {
    if (error instanceof UserError) {
      process.stderr.write(`error: ${error.message}\n`)
      process.exitCode = 2
    } else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
    else if (!isClosedPipe(error)) throw error
  }
}
