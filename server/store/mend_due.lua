-- Puts a Session where its log says that it is due, if the due set has lost it or would look too late. Rules: protocol/SPEC.md, DI.
--
-- KEYS  log, due set
-- ARGV  session id, expected seq, expected entry id, due ('none' | ms), latest that is as good as due in ms
-- Returns 1 if something was mended, 0 if it was as it should be, or the log has moved on.

local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not last or last[1] ~= ARGV[2] .. '-0' or last[2][2] ~= ARGV[3] then return 0 end
local score = redis.call('ZSCORE', KEYS[2], ARGV[1])
if ARGV[4] == 'none' then
  if not score then return 0 end
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 1
end
if score and tonumber(score) <= tonumber(ARGV[5]) then return 0 end
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
return 1
