-- Takes an archived Session out of the store, if nothing happened to it since and nobody is there.
-- Rules: protocol/SPEC.md, ST24.
--
-- KEYS  log, snapshot, presence, live index, due set, floor channel
-- ARGV  session id, archived seq, archived entry id
-- Returns 1 if nothing of it is here any more, as after the same before; 0 if it stays.

local log, cache, presence, live_index, due_set, floor = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local session_id, seq, entry_id = ARGV[1], tonumber(ARGV[2]), ARGV[3]

local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
if last and (tonumber(string.match(last[1], '^%d+')) ~= seq or last[2][2] ~= entry_id) then return 0 end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('HGETALL', presence)
for at = 1, #held, 2 do
  if string.sub(held[at], 1, 1) ~= '=' and tonumber(string.match(held[at + 1], '^%d+')) > now then return 0 end
end

redis.call('DEL', log, cache, presence)
redis.call('ZREM', due_set, session_id)
if redis.call('HDEL', live_index, session_id) == 1 then redis.call('SPUBLISH', floor, session_id .. '-') end
return 1
