-- Shortens one member's lease; never lengthens it. Rules: protocol/SPEC.md, ST12.
--
-- KEYS  presence
-- ARGV  member, linger in ms

local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held then return 0 end
local time = redis.call('TIME')
local sooner = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[2])
local lease_end, says = string.match(held, '^(%d+) (.*)$')
if sooner < tonumber(lease_end) then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f ', sooner) .. says)
end
return 1
