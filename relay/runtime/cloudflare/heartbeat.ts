/** Sends the heartbeat of a Worker. A start of the Worker does not load it. */
export { sendHeartbeat } from '../../monitoring/heartbeat.ts'
