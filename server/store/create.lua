-- Writes entry 1 of a Session unless it exists. Rules: protocol/SPEC.md, ST2.
--
-- KEYS  log, live index, due set, push channel, floor channel
-- ARGV  session id, entry id, payload, live ('' | 'put' | 'remove'), summary, due ('' | 'none' | ms)
-- Returns {'done'}, also for the very same entry again, or {'exists', first entry}.

local log, live_index, due_set, channel, floor = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local session_id, entry_id, payload, live, summary, due = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local first = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
if first then
  if first[2][2] == entry_id then return {'done'} end
  return {'exists', first}
end

redis.call('XADD', log, '1-0', 'entry_id', entry_id, 'previous_id', '', 'payload', payload)
redis.call('SPUBLISH', channel, 'e1 ' .. entry_id .. '  ' .. payload)
if live == 'put' then
  redis.call('HSET', live_index, session_id, summary)
  redis.call('SPUBLISH', floor, session_id .. '+' .. summary)
elseif live == 'remove' then
  redis.call('HDEL', live_index, session_id)
  redis.call('SPUBLISH', floor, session_id .. '-')
end
if due == 'none' then
  redis.call('ZREM', due_set, session_id)
elseif due ~= '' then
  redis.call('ZADD', due_set, due, session_id)
end
return {'done'}
