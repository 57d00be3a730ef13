import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UserError } from './errors.ts'

/** What went wrong with a file, in words, for the codes that a person can do something about. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is too large',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file of that name is in the way',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many open files',
  EIO: 'the disk failed',
}

/** Runs a file operation. @throws UserError `cannot <action> '<path>': <why>` for what is not a defect of ours. */
export function explained<T>(action: string, path: string, operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']
    if (reason === undefined) throw error
    throw new UserError(`cannot ${action} '${path}': ${reason}`)
  }
}

const temporaryName = /^\..*\.(\d+)\.tmp$/

/** Makes the entry of a renamed file itself durable; some systems cannot open a folder, and need not. */
function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // The content is safe already; only the moment at which the new name is seen after a power cut differs.
  }
}

/** Makes a folder and the parents that it lacks, one by one: below /proc a recursive `mkdirSync` of Node 20 never ends. */
function makeFolder(folder: string): void {
  const isFolder = () => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  if (isFolder()) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another process may have been quicker.
    if (!isFolder()) throw error
  }
}

/**
 * Writes a whole file or nothing: to a temporary name beside it (`.<name>.<process>.tmp`), synced, then renamed.
 * Makes the folder when it is missing. Whoever reads `path`, at any moment, sees the old file or the new one.
 * @throws UserError where the folder cannot be written or the disk is full; the old file is then untouched.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${process.pid}.tmp`)
  explained('make the folder', folder, () => makeFolder(folder))
  explained('write', path, () => {
    try {
      writeFileSync(temporary, content, { flush: true })
      renameSync(temporary, path)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
    syncFolder(folder)
  })
}

/** Makes sure that files can be written into a folder, before hours are spent on their content. @throws UserError */
export function ensureWritableFolder(folder: string): void {
  explained('make the folder', folder, () => makeFolder(folder))
  const probe = join(folder, `.probe.${process.pid}.tmp`)
  explained('write to the folder', folder, () => writeFileSync(probe, ''))
  rmSync(probe, { force: true })
}

/** Is there a process of this number, whoever started it? */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Removes what `writeFileAtomic` left in a folder when its process was killed. Files of living processes stay. */
export function removeTemporaries(folder: string): void {
  for (const name of explained('read the folder', folder, () => readdirSync(folder))) {
    const owner = temporaryName.exec(name)?.[1]
    if (owner !== undefined && !isRunning(Number(owner))) rmSync(join(folder, name), { force: true })
  }
}

/** The bytes of a file. @throws UserError where it is missing or unreadable. */
export function readBytes(path: string): Uint8Array {
  return explained('read', path, () => readFileSync(path))
}

/** The text of a UTF-8 file. @throws UserError where it is missing, unreadable or not UTF-8. */
export function readTextFile(path: string): string {
  const bytes = readBytes(path)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UserError(`cannot read '${path}': it is not UTF-8 text`)
  }
}
