-- Appends entries if the log still ends where the committer thinks. Rules: protocol/SPEC.md, ST3 to ST6.
--
-- KEYS  log, live index, due set, push channel, floor channel
-- ARGV  session id, expected seq, expected entry id, live ('' | 'put' | 'remove'), summary,
--       due ('' | 'none' | ms | '<' ms: only if that is sooner), then per entry: entry id, payload
-- Returns {'done'}, also if the log has these entries already (the reply was lost and the caller asks
-- again), {'unknown'} if there is no such log, or {'conflict', entries past the expected seq}.
--
-- Scripts are not rolled back: whatever can be wrong is found before the first write.

local log, live_index, due_set, channel, floor = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local session_id, expected_seq, expected_id = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local live, summary, due = ARGV[4], ARGV[5], ARGV[6]

local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
if not last then return {'unknown'} end

local last_seq = tonumber(string.match(last[1], '^%d+'))
if last_seq ~= expected_seq or last[2][2] ~= expected_id then
  local tail = redis.call('XRANGE', log, (expected_seq + 1) .. '-0', '+')
  local ours = tail[(#ARGV - 6) / 2]
  if ours and ours[2][2] == ARGV[#ARGV - 1] then return {'done'} end
  return {'conflict', tail}
end

local previous_id = expected_id
for at = 7, #ARGV, 2 do
  local seq, entry_id, payload = expected_seq + (at - 5) / 2, ARGV[at], ARGV[at + 1]
  redis.call('XADD', log, seq .. '-0', 'entry_id', entry_id, 'previous_id', previous_id, 'payload', payload)
  redis.call('SPUBLISH', channel, 'e' .. seq .. ' ' .. entry_id .. ' ' .. previous_id .. ' ' .. payload)
  previous_id = entry_id
end
if live == 'put' then
  redis.call('HSET', live_index, session_id, summary)
  redis.call('SPUBLISH', floor, session_id .. '+' .. summary)
elseif live == 'remove' then
  redis.call('HDEL', live_index, session_id)
  redis.call('SPUBLISH', floor, session_id .. '-')
end
if due == 'none' then
  redis.call('ZREM', due_set, session_id)
elseif string.sub(due, 1, 1) == '<' then
  redis.call('ZADD', due_set, 'LT', string.sub(due, 2), session_id)
elseif due ~= '' then
  redis.call('ZADD', due_set, due, session_id)
end
return {'done'}
