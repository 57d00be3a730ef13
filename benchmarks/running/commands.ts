import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readTextFile, writeFileAtomic } from '../../lib/files.ts'

const commandsPath = (folder: string) => join(folder, 'commands.txt')

/** What made the cells of a results folder, each command once, the first one first. */
export function readCommands(folder: string): string[] {
  const path = commandsPath(folder)
  return existsSync(path) ? readTextFile(path).split('\n').filter(Boolean) : []
}

/** Writes down what made cells of a folder, after what is known already. @throws UserError */
export function recordCommands(folder: string, commands: readonly string[]): void {
  const known = readCommands(folder)
  const all = [...new Set([...known, ...commands])]
  if (all.length > known.length) writeFileAtomic(commandsPath(folder), `${all.join('\n')}\n`)
}
