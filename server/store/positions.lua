-- Where each log of one partition ends. Rules: protocol/SPEC.md, ST7.
--
-- KEYS  logs
-- Returns per log: false if there is none, else {'<seq>-0', entry id}.

local ends = {}
for at, log in ipairs(KEYS) do
  local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  ends[at] = last and {last[1], last[2][2]} or false
end
return ends
