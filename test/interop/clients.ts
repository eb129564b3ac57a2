/** The SOAP clients of other languages: how to see that one is here, and how to run its program. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What every program is given, in this order. */
interface Task {
  endpoint: string
  userId: string
  secretKey: string
  email: string
  lastName: string
}

export interface Client {
  name: string
  /** The packages of Debian that bring it. */
  packages: string
  /** Its version, in words of its own; rejects where it is missing. */
  find: () => Promise<string>
  /** What the program printed. `folder` is an empty one for whatever has to be generated. */
  run: (task: Task, folder: string) => Promise<string>
}

const PROGRAMS = join(import.meta.dirname, 'programs')

/** It comes with this project, so that it is always here. */
export const OURS = 'Node soap'

/** Debian's own Python has Debian's modules; another one in the path would not. */
const PYTHON = '/usr/bin/python3'

export const CLIENTS: readonly Client[] = [
  {
    name: 'PHP SoapClient',
    packages: 'php-cli php-soap',
    find: () => run('php', ['-r', 'new ReflectionClass("SoapClient"); echo PHP_VERSION;']),
    run: (task) => run('php', [join(PROGRAMS, 'client.php'), ...words(task)]),
  },
  {
    name: 'the page’s PHP sample',
    packages: 'php-cli php-soap',
    find: () => run('php', ['-r', 'new ReflectionClass("SoapClient"); echo PHP_VERSION;']),
    // It prints all that went over the wire, and always writes the same lead.
    run: async (task) => {
      const printed = await run('php', [
        '-d',
        'soap.wsdl_cache_enabled=0',
        join(PROGRAMS, 'sync-lead.php'),
        ...words(task),
      ])
      const status = /\[status\] => (\w+)/.exec(printed)?.[1]
      return status === 'CREATED' ? [status, task.lastName, '20014'].join('\n') : printed
    },
  },
  {
    name: 'Python zeep',
    packages: 'python3-zeep',
    find: () => run(PYTHON, ['-c', 'import zeep; print(zeep.__version__)']),
    run: (task) => run(PYTHON, [join(PROGRAMS, 'zeep_client.py'), ...words(task)]),
  },
  {
    name: 'Python suds',
    packages: 'python3-suds',
    find: () => run(PYTHON, ['-c', 'import suds; print(suds.__version__)']),
    run: (task) => run(PYTHON, [join(PROGRAMS, 'suds_client.py'), ...words(task)]),
  },
  {
    name: 'Java JAX-WS',
    packages: 'jaxws default-jdk-headless',
    find: async () => `${await run('wsimport', ['-version'])}; ${await run('javac', ['-version'])}`,
    run: async (task, folder) => {
      await run('wsimport', ['-Xnocompile', '-XadditionalHeaders', '-d', folder, `${task.endpoint}?WSDL`])
      const paths = ['-cp', [...jars(), folder].join(':')]
      await run('javac', [
        '-encoding',
        'UTF-8',
        ...paths,
        '-sourcepath',
        folder,
        '-d',
        folder,
        join(PROGRAMS, 'Client.java'),
      ])
      return run('java', [...paths, 'Client', ...words(task)])
    },
  },
  {
    name: 'Perl SOAP::Lite',
    packages: 'libsoap-lite-perl',
    find: () => run('perl', ['-MSOAP::Lite', '-e', 'print $SOAP::Lite::VERSION']),
    run: (task) => run('perl', [join(PROGRAMS, 'soap_lite.pl'), ...words(task)]),
  },
  {
    name: OURS,
    packages: '',
    find: () => Promise.resolve(process.version),
    run: (task) =>
      run(process.execPath, [fileURLToPath(import.meta.resolve('./programs/node_soap.ts')), ...words(task)]),
  },
]

async function run(command: string, parameters: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, parameters, { timeout: 60_000 })
  return stdout.trim()
}

function words({ endpoint, userId, secretKey, email, lastName }: Task): string[] {
  return [endpoint, userId, secretKey, email, lastName]
}

/** What JAX-WS needs to run; Debian keeps each also under a name without its version. */
function jars(): string[] {
  const folder = '/usr/share/java'
  const wanted =
    /^(jaxws-(api|rt)|jaxb-(api|runtime|core|impl)|saaj-(api|impl)|javax\.activation|jws-api|stax-ex|stax2-api|streambuffer|txw2|istack-commons-runtime|metro-policy|mimepull|gmbal|FastInfoset|geronimo-annotation-1\.3-spec|javax\.annotation-api)\.jar$/
  return readdirSync(folder)
    .filter((name) => wanted.test(name))
    .map((name) => join(folder, name))
}
