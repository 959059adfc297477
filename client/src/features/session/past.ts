/** What shows a Session's past, loaded as one: a record is read before it is replayed. */

export { RecordScreen } from "./RecordScreen";
export { ReplayPage } from "./ReplayPage";
