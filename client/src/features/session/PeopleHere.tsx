import { Tooltip } from "@mantine/core";
import { PersonMark } from "../../ui/PersonMark";
import { useLive } from "./live";
import classes from "./PeopleHere.module.css";

/** Everybody who has this Session open, and who of them is typing. */
export function PeopleHere() {
  const { model, person } = useLive();
  const typing = new Set(model.doing.filter(({ doing }) => doing === "typing").map(({ person_id }) => person_id));
  return (
    <ul aria-label="Who is here" className={classes.people}>
      {model.people.map(({ person_id, name, role }) => {
        const about = [
          person_id === person.id ? `${name} (you)` : name,
          role,
          ...(typing.has(person_id) ? ["typing…"] : []),
        ].join(", ");
        return (
          <Tooltip key={person_id} label={about}>
            <li className={classes.person} data-typing={typing.has(person_id) || undefined}>
              <PersonMark id={person_id} name={name} size={30} />
              <span className="visually-hidden">{about}</span>
            </li>
          </Tooltip>
        );
      })}
    </ul>
  );
}
