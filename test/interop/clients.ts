/** Defines the SOAP clients of other languages: a check that the client is installed, and a function that runs it. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Arguments of every program, in this order. */
interface Task {
  endpoint: string
  userId: string
  secretKey: string
  email: string
  lastName: string
}

export interface Client {
  name: string
  /** Debian packages that contain the client. */
  packages: string
  /** Returns the version. Rejects if the client is not installed. */
  find: () => Promise<string>
  /**
   * Runs the program and returns its output.
   *
   * @param folder an empty folder for generated files
   */
  run: (task: Task, folder: string) => Promise<string>
}

const PROGRAMS = join(import.meta.dirname, 'programs')

/** Name of the client that is a dependency of this project and therefore always installed. */
export const NODE_CLIENT = 'Node soap'

/** Only Debian's own Python finds the modules of Debian's packages. */
const PYTHON = '/usr/bin/python3'

export const CLIENTS: readonly Client[] = [
  {
    name: 'PHP SoapClient',
    packages: 'php-cli php-soap',
    find: () => run('php', ['-r', 'new ReflectionClass("SoapClient"); echo PHP_VERSION;']),
    run: (task) => run('php', [join(PROGRAMS, 'client.php'), ...argumentsOf(task)]),
  },
  {
    name: 'Marketo’s PHP sample',
    packages: 'php-cli php-soap',
    find: () => run('php', ['-r', 'new ReflectionClass("SoapClient"); echo PHP_VERSION;']),
    // The sample prints request and reply, and always writes the same lead.
    run: async (task) => {
      const printed = await run('php', [
        '-d',
        'soap.wsdl_cache_enabled=0',
        join(PROGRAMS, 'sync-lead.php'),
        ...argumentsOf(task),
      ])
      const status = /\[status\] => (\w+)/.exec(printed)?.[1]
      return status === 'CREATED' ? [status, task.lastName, '20014'].join('\n') : printed
    },
  },
  {
    name: 'Python zeep',
    packages: 'python3-zeep',
    find: () => run(PYTHON, ['-c', 'import zeep; print(zeep.__version__)']),
    run: (task) => run(PYTHON, [join(PROGRAMS, 'zeep_client.py'), ...argumentsOf(task)]),
  },
  {
    name: 'Python suds',
    packages: 'python3-suds',
    find: () => run(PYTHON, ['-c', 'import suds; print(suds.__version__)']),
    run: (task) => run(PYTHON, [join(PROGRAMS, 'suds_client.py'), ...argumentsOf(task)]),
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
      return run('java', [...paths, 'Client', ...argumentsOf(task)])
    },
  },
  {
    name: 'Perl SOAP::Lite',
    packages: 'libsoap-lite-perl',
    find: () => run('perl', ['-MSOAP::Lite', '-e', 'print $SOAP::Lite::VERSION']),
    run: (task) => run('perl', [join(PROGRAMS, 'soap_lite.pl'), ...argumentsOf(task)]),
  },
  {
    name: NODE_CLIENT,
    packages: '',
    find: () => Promise.resolve(process.version),
    run: (task) =>
      run(process.execPath, [fileURLToPath(import.meta.resolve('./programs/node_soap.ts')), ...argumentsOf(task)]),
  },
]

async function run(command: string, parameters: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, parameters, { timeout: 60_000 })
  return stdout.trim()
}

function argumentsOf({ endpoint, userId, secretKey, email, lastName }: Task): string[] {
  return [endpoint, userId, secretKey, email, lastName]
}

/** Returns the JAR files that JAX-WS needs. Debian has a link without the version for each of them. */
function jars(): string[] {
  const folder = '/usr/share/java'
  const wanted =
    /^(jaxws-(api|rt)|jaxb-(api|runtime|core|impl)|saaj-(api|impl)|javax\.activation|jws-api|stax-ex|stax2-api|streambuffer|txw2|istack-commons-runtime|metro-policy|mimepull|gmbal|FastInfoset|geronimo-annotation-1\.3-spec|javax\.annotation-api)\.jar$/
  return readdirSync(folder)
    .filter((name) => wanted.test(name))
    .map((name) => join(folder, name))
}
