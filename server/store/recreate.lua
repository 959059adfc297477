-- Puts an archived Session's log back, unless there is one. Nothing is pushed: nothing happened.
-- Rules: protocol/SPEC.md, ST25.
--
-- KEYS  log, due set
-- ARGV  session id, due in ms, until when in ms, then per entry: entry id, payload
-- Returns 1 if there is a log now, 0 if it is too late for this one.

local log, due_set = KEYS[1], KEYS[2]

if redis.call('EXISTS', log) == 1 then return 1 end
local time = redis.call('TIME')
if time[1] * 1000 + math.floor(time[2] / 1000) >= tonumber(ARGV[3]) then return 0 end

local previous_id = ''
for at = 4, #ARGV, 2 do
  local seq, entry_id, payload = (at - 2) / 2, ARGV[at], ARGV[at + 1]
  redis.call('XADD', log, seq .. '-0', 'entry_id', entry_id, 'previous_id', previous_id, 'payload', payload)
  previous_id = entry_id
end
redis.call('ZADD', due_set, ARGV[2], ARGV[1])
return 1
