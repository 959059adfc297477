-- Holds members present from now, by the store's clock. Rules: protocol/SPEC.md, ST12.
--
-- KEYS  presence
-- ARGV  lease in ms, for how long it is remembered in ms, then per member: name, what it says

local time = redis.call('TIME')
local lease_end = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
for at = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[at], string.format('%.0f ', lease_end) .. ARGV[at + 1])
end
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]) + tonumber(ARGV[2]))
return 1
