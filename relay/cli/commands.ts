/** Lists the commands of form-sync: name, summary, group, and how each is loaded. Loads none of them. */

/** Runs a command with its words, and resolves with its exit code. */
type Run = (words: string[]) => Promise<number>

export interface Command {
  summary: string
  /** Loads the command. Called only when it runs, so that a server never loads the simulator. */
  load: () => Promise<Run>
}

/** The commands by their names, in groups by what they are for. */
export const GROUPS: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  Start: {
    init: {
      summary: 'Write the first files of a project: forms, variables and a page',
      load: async () => (await import('./init.ts')).initCommand,
    },
    serve: {
      summary: 'Run the relay on this machine',
      load: async () => (await import('./serve.ts')).serveCommand,
    },
    token: {
      summary: 'Make a token for an operator',
      load: async () => (await import('./token.ts')).tokenCommand,
    },
    page: {
      summary: 'Show a page on this machine, to try its form',
      load: async () => (await import('./page.ts')).pageCommand,
    },
    simulator: {
      summary: 'Run a Marketo simulator, for tests and demonstrations',
      load: async () => (await import('../../demo/simulator/command.ts')).simulatorCommand,
    },
  },
  'Ask Marketo': {
    check: {
      summary: 'Compare the forms with the fields of Marketo',
      load: async () => (await import('./check.ts')).checkCommand,
    },
    doctor: {
      summary: 'Examine the Marketo account: connection, credentials, rights',
      load: async () => (await import('./doctor.ts')).doctorCommand,
    },
    import: {
      summary: 'Print the forms entry and the HTML for a Marketo form',
      load: async () => (await import('./import.ts')).importCommand,
    },
    migrate: {
      summary: 'List what changes when a configuration moves from SOAP to REST',
      load: async () => (await import('./migrate.ts')).migrateCommand,
    },
    lead: {
      summary: 'Create or update one person in Marketo',
      load: async () => (await import('./lead.ts')).leadCommand,
    },
  },
  'Leads that are not delivered': {
    status: {
      summary: 'Show what waits, is held and parked, and all issues',
      load: async () => (await import('./status.ts')).statusCommand,
    },
    show: {
      summary: 'Show one lead in full: why it is parked or held',
      load: async () => (await import('./show.ts')).showCommand,
    },
    edit: {
      summary: 'Change one parked or held lead, and send it again',
      load: async () => (await import('./edit.ts')).editCommand,
    },
    waiting: {
      summary: 'Count the leads that are not delivered, in groups',
      load: async () => (await import('./waiting.ts')).waitingCommand,
    },
    parked: {
      summary: 'Show parked leads: those that wait for a decision',
      load: async () => (await import('./parked.ts')).parkedCommand,
    },
    replay: {
      summary: 'Send parked leads again, unchanged or edited',
      load: async () => (await import('./replay.ts')).replayCommand,
    },
    held: {
      summary: 'Show held leads, and release or discard them',
      load: async () => (await import('./held.ts')).heldCommand,
    },
    release: {
      summary: 'Send held leads',
      load: async () => (await import('./release.ts')).releaseCommand,
    },
    hold: {
      summary: 'Hold all new leads of a form, such as during a flood',
      load: async () => (await import('./hold.ts')).holdCommand,
    },
    discard: {
      summary: 'Remove leads that are not delivered, such as those of a flood',
      load: async () => (await import('./discard.ts')).discardCommand,
    },
    retry: {
      summary: 'Call Marketo again at once, after it refused all leads',
      load: async () => (await import('./retry.ts')).retryCommand,
    },
  },
  'What is stored': {
    find: {
      summary: 'Find what is stored about a person, by address or id',
      load: async () => (await import('./find.ts')).findCommand,
    },
    erase: {
      summary: 'Erase what is stored about a person',
      load: async () => (await import('./erase.ts')).eraseCommand,
    },
    audit: {
      summary: 'List what operators did',
      load: async () => (await import('./audit.ts')).auditCommand,
    },
    encrypt: {
      summary: 'Encrypt the stored leads with a new data key',
      load: async () => (await import('./encrypt.ts')).encryptCommand,
    },
    export: {
      summary: 'Print undelivered leads as JSON lines or CSV',
      load: async () => (await import('./export.ts')).exportCommand,
    },
  },
}

/** All commands by their names. */
export const COMMANDS: Readonly<Record<string, Command>> = Object.assign({}, ...Object.values(GROUPS))
