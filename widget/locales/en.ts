/** Holds the English texts of the element; texts about single fields come from the relay. */

export interface Messages {
  /** Label of the pressed button during the request; screen readers announce it. */
  sending: string
  /** Label of the pressed button while the browser opens the thanks page; screen readers announce it. */
  sent: string
  /** Replaces the form if the page has no `sent` slot and the form has no thanks address. */
  thanks: string
  failed: string
  retry: string
  /** Heading of the list of fields to correct. */
  problem: string
  /** Stands below the form when a file is chosen. */
  files: string
}

export const en: Messages = {
  sending: 'Sending…',
  sent: 'Sent',
  thanks: 'Thank you. Your form has been sent.',
  failed: 'Your form could not be sent. What you filled in is still here.',
  retry: 'Try again',
  problem: 'There is a problem',
  files: 'Files are not sent with this form.',
}
