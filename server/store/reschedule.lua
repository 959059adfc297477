-- Moves a Session in the due set, or out of it, if it still stands where the caller saw it. Rules: protocol/SPEC.md, ST23.
--
-- KEYS  due set
-- ARGV  session id, due seen in ms, due ('none' | ms)
-- Returns 1 if it did: of several who ask, one is told so.

local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not seen or tonumber(seen) ~= tonumber(ARGV[2]) then return 0 end
if ARGV[3] == 'none' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
return 1
