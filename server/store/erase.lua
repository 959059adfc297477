-- Takes a deleted Session out of the store, whoever is there, if its log holds the entry at which it was found finished.
-- Rules: protocol/SPEC.md, ER2.
--
-- KEYS  log, snapshot, presence, live index, due set, floor channel
-- ARGV  session id, seq, entry id
-- Returns 1 if nothing of it is here any more, as after the same before; 0 if the log has another history: it stays.

local log, cache, presence, live_index, due_set, floor = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local session_id, seq, entry_id = ARGV[1], ARGV[2], ARGV[3]

if redis.call('EXISTS', log) == 1 then
  local at = redis.call('XRANGE', log, seq .. '-0', seq .. '-0')[1]
  if not at or at[2][2] ~= entry_id then return 0 end
end

redis.call('DEL', log, cache, presence)
redis.call('ZREM', due_set, session_id)
if redis.call('HDEL', live_index, session_id) == 1 then redis.call('SPUBLISH', floor, session_id .. '-') end
return 1
