/** Sends alerts to the receivers that are configured. A start of the Worker does not load it. */
export { sendAlerts } from '../../monitoring/send-alerts.ts'
